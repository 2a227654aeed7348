"""What the scaffolds do beside rendering: check the answers, and put what is new into its place in the catalog.

The hooks of `templates/component` and `templates/template` call it from cookiecutter's own environment: it uses the
standard library alone. As a program it is what `make component` and `make template` run.
"""

import builtins
import difflib
import json
import keyword
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from catalog.files import write_whole

CATALOG = Path(__file__).resolve().parents[2]
# What a first version of these is built on.
FOUNDATIONS = {
    "transformer": ["series-estimator"],
    "classifier": ["series-estimator"],
    "detector": ["check-series", "series-estimator"],
    "forecaster": ["seasonal-naive", "series-estimator"],
}
OF_OTHERS = {"forecast-ensemble"}  # models that are nothing without others
TAKEN_WORDS = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "numpy", "pandas", "pytest", "self", "stac"}
MAX_NAME, MAX_DESCRIPTION = 40, 110  # longer ones make lines of code too long


def main() -> None:
    """Run cookiecutter for a scaffold: `python -m catalog.scaffolding component [--no-input] [QUESTION=ANSWER …]`."""
    from cookiecutter.exceptions import FailedHookException
    from cookiecutter.main import cookiecutter

    scaffold, *arguments = sys.argv[1:]
    if other := next((one for one in arguments if "=" not in one and one != "--no-input"), None):
        sys.exit(
            f"{other!r} is no answer: write for example make {scaffold} ARGS='--no-input description=\"Does it.\"'"
        )
    answers = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    stop_at(complaints_about_questions(scaffold, answers))
    logging.disable()  # a hook that ends with a sentence is no reason for a traceback
    no_input = "--no-input" in arguments
    with tempfile.TemporaryDirectory() as scratch:
        config = Path(scratch, "config.yaml")
        config.write_text(json.dumps({"replay_dir": scratch, "cookiecutters_dir": scratch}), "utf-8")
        call = {"no_input": no_input, "output_dir": scratch, "config_file": str(config)}
        try:
            while True:
                try:
                    cookiecutter(str(CATALOG / "templates" / scaffold), extra_context=answers, **call)
                    return
                except FailedHookException:
                    if no_input:
                        sys.exit(1)
                print("\nOnce more, please; Enter keeps what you have answered.\n")
                said = json.loads(Path(scratch, f"{scaffold}.json").read_text("utf-8"))["cookiecutter"]
                answers = {question: answer for question, answer in said.items() if question[0] != "_"}
        except (EOFError, KeyboardInterrupt):
            sys.exit("\nStopped: nothing was written.")


# Components


def check_component(answers: dict[str, str]) -> None:
    """End with one sentence where an answer cannot be used."""
    stop_at(complaints_about_component(answers))


def place_component(generated: Path, answers: dict[str, str]) -> None:
    """Complete a rendered component, move it to its place in the catalog, and say what to do next."""
    others = {find(name) for name in FOUNDATIONS.get(answers["what"], []) + names(answers["builds_on"])}
    others, checks = sorted(others, key=alias), find("component-checks")
    bound = sorted({*others, checks}, key=alias)
    fill_in(
        generated / "pyproject.toml",
        ITS_COMPONENTS="".join(f', "{requirement(other)}"' for other in others),
        ITS_CHECKS=requirement(checks),
        ITS_KIND="composite" if others else "atomic",
        ITS_SOURCES="".join(f"stac-{one.name} = {{ workspace = true }}\n" for one in bound),
    )
    unused = [other for other in others if other.name not in FOUNDATIONS.get(answers["what"], [])]
    imports = [f"import {module(other)} as {alias(other)}  # noqa: F401 (Fill me in: use it)\n" for other in unused]
    package = generated / "src" / Path(*answers["__module"].split(".")) / "__init__.py"
    gap = "\n" if imports and answers["what"] not in FOUNDATIONS else ""
    fill_in(package, **{"ITS_IMPORTS\n": "".join(sorted(imports)) + gap})

    name = answers["name"]
    folder = CATALOG / "components" / answers["problem"] / answers["category"] / name
    move(generated, folder)
    say_next(
        folder,
        ("make setup", "install it, editable, beside the others"),
        (f".venv/bin/catalog check {name}", "list what is left to fill in"),
        (f"make test ARGS={folder.relative_to(CATALOG).as_posix()}", "run its tests, README and example"),
    )


def complaints_about_component(answers: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with the answers about a component."""
    yield from complaints_about_questions("component", answers)
    yield from complaints_about_name(answers["name"], "zero-crossing-rate")
    name = answers["name"]
    if other := next(CATALOG.glob(f"components/*/*/{name}"), None):
        yield f"There is a component {name} already, in {other.relative_to(CATALOG).as_posix()}: choose another name."
    if f"stac-{name}" in foreign_names():
        yield f"stac-{name} is a distribution of others in the public index: choose another name."
    known = [path.parent.name for path in CATALOG.glob("components/*/*/*/pyproject.toml")]
    for other in names(answers["builds_on"]):
        if other not in known:
            close = difflib.get_close_matches(other, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "`catalog list` shows all."
            yield f"No component to build on is called {other!r}; {hint}"
    yield from complaints_about_texts(answers)


# Templates


def check_template(answers: dict[str, str]) -> None:
    """End with one sentence where an answer cannot be used."""
    stop_at(complaints_about_template(answers))


def place_template(generated: Path, answers: dict[str, str]) -> None:
    """Complete a rendered template, move it to its place in the catalog, and say what to do next."""
    path = f"{answers['problem']}/{answers['technique']}"
    project = generated / "{{cookiecutter.project_slug}}"
    model_module, model_class = model_of(find(answers["model"]))
    fill_in(project / "train.py", ITS_MODULE=model_module, ITS_CLASS=model_class)
    name_components(project / "pyproject.toml")
    move(generated, CATALOG / "templates" / path)
    add_to_menu(path, answers["title"], answers["description"].removesuffix("."))
    say_next(
        CATALOG / "templates" / path,
        ("make index", "build the components that its projects install"),
        (f".venv/bin/catalog pin {path}", "pin what its projects need"),
        (f"make bake TEMPLATE={path}", "make a project of it, to run and to work on"),
        (".venv/bin/catalog check", "list what is left to fill in"),
    )


def complaints_about_template(answers: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with the answers about a template."""
    yield from complaints_about_questions("template", answers)
    yield from complaints_about_name(answers["technique"], "nearest-neighbour")
    path = f"templates/{answers['problem']}/{answers['technique']}"
    if (CATALOG / path).exists():
        yield f"{path} exists already: choose another name for the technique."
    known = models_for(answers["__recipe"])
    if answers["model"] not in known:
        yield f"No model for {answers['__recipe']} is called {answers['model']!r}: choose one of {', '.join(known)}."
    if not re.fullmatch(r"\w[\w .,()+-]{2,59}", answers["title"]):
        yield f"The title {answers['title']!r} is not of 3 to 60 letters, digits, spaces and . , ( ) + -."
    yield from complaints_about_texts(answers)


def models_for(recipe: str) -> list[str]:
    """Return the components whose model a first version can train as it is."""
    files = CATALOG.glob(f"components/time-series-{recipe}/models/*/pyproject.toml")
    return sorted(file.parent.name for file in files if model_of(file.parent) and file.parent.name not in OF_OTHERS)


def model_of(component: Path) -> tuple[str, str] | None:
    """Return module and class of the first model that a component registers, if it does."""
    text = (component / "pyproject.toml").read_text("utf-8")
    registered = re.findall(r'(?m)^[\w-]+ = "(stac\.models\.\w+):([A-Z]\w+)"$', text)
    return next((pair for pair in registered if not pair[1].endswith("Transformer")), None)


def name_components(file: Path) -> None:
    """Write the ranges of a project's components, in order, and that they come from the project's index alone."""
    text = file.read_text("utf-8")
    before, block, after = re.split(r"(?<=^dependencies = \[\n)(.*?)(?=^\])", text, maxsplit=1, flags=re.M | re.S)
    block = re.sub(
        r'"stac-([\w-]+)(\[\w+\])?"', lambda named: f'"{requirement(find(named[1]), named[2] or "")}"', block
    )
    block = "".join(sorted(block.splitlines(keepends=True)))
    sources = "".join(f'{name} = {{ index = "stac" }}\n' for name in re.findall(r'"(stac-[\w-]+)', block))
    after = after.replace("[tool.uv.sources]\n", f"[tool.uv.sources]\n{sources}")
    file.write_text(before + block + after, "utf-8")


def add_to_menu(path: str, title: str, description: str) -> None:
    """Add a template to the menu of the catalog's root, behind the others and before the scaffolds."""
    file = CATALOG / "cookiecutter.json"
    entries = list(json.loads(file.read_text("utf-8"))["templates"].items())
    entry = {"path": f"./templates/{path}", "title": title, "description": description}
    entries.insert(next((i for i, (name, _) in enumerate(entries) if "/" not in name), len(entries)), (path, entry))
    write_whole(file, json.dumps({"templates": dict(entries)}, indent=2, ensure_ascii=False) + "\n")


# What both ask


def complaints_about_questions(scaffold: str, answers: dict[str, str]) -> Iterator[str]:
    """Yield what is no question of the scaffold, and what is none of the choices of one."""
    questions = json.loads((CATALOG / "templates" / scaffold / "cookiecutter.json").read_text("utf-8"))
    for question, answer in answers.items():
        if question not in questions and question[0] != "_":
            asked = ", ".join(name for name in questions if name[0] != "_")
            yield f"{question!r} is no question: there are {asked}."
        choices = questions.get(question)
        if isinstance(choices, list) and answer not in choices:
            yield f"{question} {answer!r} is unknown: choose {', '.join(choices[:-1])} or {choices[-1]}."


def complaints_about_name(name: str, example: str) -> Iterator[str]:
    """Yield why a name cannot be the one of a folder, a package and a function alike."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-").removeprefix("stac-")
    better = plain if re.match(r"[a-z]..", plain) and plain != name and len(plain) <= MAX_NAME else example
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        yield f"The name {name!r} is not made of lower-case words joined by hyphens: write it like {better}."
    if name.startswith("stac-"):
        yield f"The name {name!r} need not begin with stac-, which is put before it anyway: call it {better}."
    if not 3 <= len(name) <= MAX_NAME:
        yield f"The name {name!r} has {len(name)} characters: give 3 to {MAX_NAME}."
    if name in TAKEN_WORDS:
        yield f"The name {name!r} has a meaning in Python: choose a name of more words, such as {name}-series."
    ignored = re.findall(r"(?m)^([\w-]+)/$", (CATALOG / ".gitignore").read_text("utf-8"))
    if name in ignored or name in ("tests", "examples", "src"):
        yield f"The name {name!r} means a folder of tools (git may ignore it): choose a name of more words."


def complaints_about_texts(answers: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with the description and the tags."""
    text = answers["description"]
    if not text[:1].isupper() or not text.endswith(".") or ". " in text:
        yield f"The description {text!r} is not one sentence: begin with a capital, end with the only full stop."
    if bad := re.search(r'["\\{}<>`]|[^ -~\w]', text):
        yield f"The description holds {bad[0]!r}, which means something in code: write it in plain words."
    if len(text) > MAX_DESCRIPTION:
        yield f"The description has {len(text)} characters: {MAX_DESCRIPTION} at most, the README can say more."
    tags = names(answers["tags"])
    if not tags or len(set(tags)) < len(tags):
        yield f"The tags {answers['tags']!r} are none, or repeat one: give some, separated by commas."
    for tag in tags:
        if not re.fullmatch(r"[^\W_A-Z][\w +./-]*", tag) or tag != tag.lower():
            yield f"The tag {tag!r} is not of lower-case letters, digits, spaces and - + . /, such as 'missing values'."


# Helpers


def stop_at(complaints: Iterator[str]) -> None:
    """End with the first complaint, if there is one."""
    if complaint := next(complaints, None):
        sys.exit(complaint)


def names(text: str) -> list[str]:
    """Return what stands between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def find(name: str) -> Path:
    """Return the folder of a component that exists."""
    return next(CATALOG.glob(f"components/*/*/{name}/pyproject.toml")).parent


def module(component: Path) -> str:
    """Return the name under which the component in a folder is imported."""
    return f"stac.{component.parent.name}.{component.name}".replace("-", "_")


def alias(component: Path) -> str:
    """Return the last part of that name."""
    return component.name.replace("-", "_")


def requirement(component: Path, extra: str = "") -> str:
    """Return what a dependent asks for: a range that begins with the component's version of now."""
    version = re.search(r'(?m)^version = "(.+)"', (component / "pyproject.toml").read_text("utf-8"))
    return f"stac-{component.name}{extra}{compatible(version[1])}"


def compatible(version: str) -> str:
    """Return the range of compatible versions: `>=0.3,<0.4`, from 1.0 on `>=1.2,<2`."""
    major, minor = (int(part) for part in version.split(".")[:2])
    return f">={major}.{minor},<{major + 1}" if major else f">=0.{minor},<0.{minor + 1}"


def foreign_names() -> list[str]:
    """Return the distributions of others whose names begin like ours."""
    return Path(__file__).with_name("checks").joinpath("public-names.txt").read_text("utf-8").splitlines()


def fill_in(file: Path, **marks: str) -> None:
    """Replace marks in a file."""
    text = file.read_text("utf-8")
    for mark, value in marks.items():
        text = text.replace(mark, value)
    file.write_text(text, "utf-8")


def move(generated: Path, folder: Path) -> None:
    """Move a rendered folder to where nothing is yet, all or nothing."""
    if folder.exists():
        sys.exit(f"{folder.relative_to(CATALOG).as_posix()} exists already, and is left as it is.")
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.copytree(generated, unfinished, dirs_exist_ok=True)
    unfinished.rename(folder)
    os.chdir(folder)  # out of the folder that goes
    shutil.rmtree(generated)


def say_next(folder: Path, *commands: tuple[str, str]) -> None:
    """Print where it is and the commands that come next."""
    width = max(len(command) for command, _ in commands)
    print(f"\nCreated {folder.relative_to(CATALOG).as_posix()}\n\nNow, in {CATALOG}:\n")
    for command, why in commands:
        print(f"  {command:{width}}  # {why}")
    print("\nEvery 'Fill me in' says what to write in its place. CONTRIBUTING.md has the whole way.\n")


if __name__ == "__main__":
    main()
