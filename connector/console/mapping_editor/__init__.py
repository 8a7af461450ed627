"""The mapping editor: a draft as rows, previewed before it is saved, compared before it is published."""
