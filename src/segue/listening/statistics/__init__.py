"""What plays add up to, for the person whose they are: tops, charts, streaks, a year in music."""
