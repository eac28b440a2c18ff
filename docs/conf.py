"""The documentation site: `nox -s docs` builds it and checks its links."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))
os.environ["MATPLOTLIBRC"] = str(HERE / "matplotlibrc")  # for the pictures that pages draw as they are built

import convx  # noqa: E402

project = "convx"
author = "the convx authors"
copyright = "the convx authors, BSD-3-Clause"
version = release = convx.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "link_names",
    "outside_links",
    "plain_docstrings",
    "reference_pages",
]
# The gallery's notebooks are for downloading, and its table of times is for nobody.
exclude_patterns = [
    "_build",
    "**/.ipynb_checkpoints",
    "gallery/*.ipynb",
    "**/sg_execution_times.rst",
    "sg_execution_times.rst",
]
nitpicky = True
# Documented elsewhere, and nothing is fetched to find out where.
nitpick_ignore_regex = [("py:.*", r"(dask|functools|numpy|onnx|scipy|torch|xarray)(\..*)?")]

# Pages run while they are built, each from its first cell to its last; an exception ends the build.
nb_execution_mode = "auto"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

numpydoc_show_class_members = False
autodoc_typehints = "none"  # the docstrings tell the types in words
autodoc_member_order = "bysource"
copybutton_exclude = ".linenos, .gp, .go"

html_theme = "pydata_sphinx_theme"
html_title = "convx"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "convx"},
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}

sphinx_gallery_conf = {
    "examples_dirs": str(HERE.parent / "examples"),
    "gallery_dirs": "gallery",
    "download_all_examples": False,
    "show_signature": False,
    "remove_config_comments": True,
    "abort_on_example_error": True,
}
