{% include cookiecutter.__recipe ~ "/apply.py" %}
