"""File names and folders from templates: `{partner}_{date}_{sequence:06d}.csv`.

Only listed fields with listed options, and never `str.format`, whose fields reach into objects. What may come out
is decided when a template is saved: no name leaves its folder, is cut, or repeats inside one folder.
"""

from connector.naming.checks import SAMPLE_NAME, check_file_name, check_folder, check_name
from connector.naming.overlap import Steps, may_meet, steps_meet, steps_of
from connector.naming.rendering import preview, render, render_folder
from connector.naming.template import BAD_NAME, FILE_FIELDS, FOLDER_FIELDS, SAMPLE, NameFacts, normal_folder, restart_of

__all__ = [
    "BAD_NAME",
    "FILE_FIELDS",
    "FOLDER_FIELDS",
    "SAMPLE",
    "SAMPLE_NAME",
    "NameFacts",
    "Steps",
    "check_file_name",
    "check_folder",
    "check_name",
    "may_meet",
    "normal_folder",
    "preview",
    "render",
    "render_folder",
    "restart_of",
    "steps_meet",
    "steps_of",
]
