"""The inbox: a folder whose new albums are checked, completed and approved, and then moved into the library."""
