"""Report of a data set: class counts, image sizes, duplicates and a contact sheet."""
