"""What a data set holds: counts, duplicates, a contact sheet. Arrays in, tables and figures out."""
