"""The scaffolds' answers: what is refused, and how it is said. Nothing is written here."""

import subprocess
import sys

import pytest

from catalog.scaffolding import (
    CATALOG,
    complaints_about_component,
    complaints_about_template,
)

COMPONENT = {
    "name": "zero-crossing-rate",
    "problem": "common",
    "category": "data-processing",
    "what": "function",
    "builds_on": "",
    "description": "Counts changes of sign.",
    "tags": "features, missing values",
}
TEMPLATE = {
    "technique": "nearest-mean",
    "problem": "time-series-classification",
    "model": "minirocket",
    "title": "Nearest mean (2nd try)",
    "description": "Trains a classifier.",
    "tags": "baseline",
    "__recipe": "classification",
}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"name": "Zero_Crossing"}, "write it like zero-crossing."),
        ({"name": "2d-spectrum"}, "write it like zero-crossing-rate."),
        ({"name": "../../x"}, "not made of lower-case words"),
        ({"name": ""}, "not made of lower-case words"),
        ({"name": "stac-entropy"}, "call it entropy."),
        ({"name": "ab"}, "has 2 characters"),
        ({"name": "a-name-that-is-longer-than-names-may-be-1"}, "has 41 characters: give 3 to 40"),
        ({"name": "lambda"}, "has a meaning in Python: choose a name of more words, such as lambda-series"),
        ({"name": "match"}, "has a meaning in Python"),
        ({"name": "filter"}, "has a meaning in Python"),
        ({"name": "build"}, "git may ignore it"),
        ({"name": "standardize"}, "already, in components/common/data-processing/standardize"),
        ({"name": "validator"}, "stac-validator is a distribution of others"),
        ({"problem": "physics"}, "problem 'physics' is unknown: choose common, tabular"),
        ({"category": "tools"}, "category 'tools' is unknown"),
        ({"what": "regressor"}, "or forecaster."),
        ({"nmae": "x"}, "'nmae' is no question: there are name, problem"),
        ({"builds_on": "standardize, slidingwindow"}, "'slidingwindow'; did you mean sliding-window?"),
        ({"builds_on": "physics-engine"}, "`catalog list` shows all"),
        ({"description": "counts changes of sign."}, "not one sentence"),
        ({"description": "Counts changes"}, "not one sentence"),
        ({"description": "Counts. And more."}, "not one sentence"),
        ({"description": 'Counts "changes" of sign.'}, "holds '\"'"),
        ({"description": "Counts {changes}."}, "holds '{'"),
        ({"description": "Counts\nchanges."}, "holds '\\n'"),
        ({"description": f"Counts {'many ' * 25}changes."}, "110 at most"),
        ({"tags": ""}, "The tags '' are none"),
        ({"tags": "trend, trend"}, "repeat one"),
        ({"tags": "Trend"}, "The tag 'Trend' is not of lower-case letters"),
        ({"tags": "trend`"}, "The tag 'trend`' is not"),
    ],
)
def test_an_answer_about_a_component_is_refused_in_one_sentence(answers, words):
    complaint = next(complaints_about_component(COMPONENT | answers))
    assert words in complaint
    assert "\n" not in complaint


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"technique": "minirocket"}, "templates/time-series-classification/minirocket exists already"),
        ({"technique": "Nearest mean"}, "write it like nearest-mean."),
        ({"problem": "physics"}, "problem 'physics' is unknown"),
        ({"model": "seasonal-naive"}, "No model for classification is called 'seasonal-naive': choose one of"),
        ({"title": "My {title}"}, "not of 3 to 60 letters"),
        ({"description": "Trains"}, "not one sentence"),
        ({"tags": "Base"}, "The tag 'Base'"),
    ],
)
def test_an_answer_about_a_template_is_refused_in_one_sentence(answers, words):
    complaint = next(complaints_about_template(TEMPLATE | answers))
    assert words in complaint
    assert "\n" not in complaint


def test_sound_answers_are_not_complained_about():
    assert list(complaints_about_component(COMPONENT)) == []
    assert list(complaints_about_component(COMPONENT | {"builds_on": "standardize, sliding-window"})) == []
    assert list(complaints_about_template(TEMPLATE)) == []


def test_what_the_hooks_call_needs_the_standard_library_alone():
    code = f"import sys; sys.path.insert(0, {str(CATALOG / 'scripts')!r}); import catalog.scaffolding"
    subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code], check=True)


def test_new_templates_complete_their_projects_as_all_others_do():
    (hook,) = (CATALOG / "templates" / "template").glob("@*/hooks/post_gen_project.py")
    others = [path for path in (CATALOG / "templates").glob("*/*/hooks/post_gen_project.py") if path != hook]
    assert {path.read_text("utf-8") for path in others} == {hook.read_text("utf-8")}
