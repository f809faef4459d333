"""A library as pages of a table: searched, sorted, filtered."""
