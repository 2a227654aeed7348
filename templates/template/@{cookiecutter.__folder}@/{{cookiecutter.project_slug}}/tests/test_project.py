{% include cookiecutter.__recipe ~ "/test.py" %}
