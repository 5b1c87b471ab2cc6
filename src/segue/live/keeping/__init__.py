"""What is kept of concerts: what recordings lack and how they fill one another, and rules that fetch and keep the best."""
