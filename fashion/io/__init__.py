"""Reading and writing of files: complete or not at all, with equal bytes for equal content."""
