"""Where records come from: one module a kind of source, all giving the records of `segue.catalog.records`."""
