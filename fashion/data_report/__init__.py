"""Report of a dataset: class counts, image sizes, duplicates and a contact sheet."""
