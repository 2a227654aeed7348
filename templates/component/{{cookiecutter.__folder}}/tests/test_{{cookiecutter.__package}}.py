{% include cookiecutter.what ~ "/test.py" %}
