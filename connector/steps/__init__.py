"""The steps of the pipeline, one file each: `connector/pipeline.py` ties them together."""
