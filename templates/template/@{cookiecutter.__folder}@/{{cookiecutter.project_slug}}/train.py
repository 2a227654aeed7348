{% include cookiecutter.__recipe ~ "/train.py" %}
