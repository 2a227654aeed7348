{% include cookiecutter.what ~ "/example.py" %}
