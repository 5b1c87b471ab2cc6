"""Smart lists: a query that is asked anew whenever the list is read, with its owner's eyes."""
