{% include cookiecutter.what ~ "/package.py" %}
