"""The other choices: each module is the root module of a function's folder of its own (bench/artefacts.py)."""
