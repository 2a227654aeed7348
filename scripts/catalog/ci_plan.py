"""`catalog ci-plan`: the child pipeline that tests what a change can break, in the words of GitLab."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from catalog.affected import Affected, find_affected
from catalog.files import write_whole
from catalog.model import Catalog, CatalogError
from catalog.options import RootOption

# A child pipeline inherits nothing, so this says the same as .gitlab-ci.yml; a test holds the two together.
HEAD = """\
image: python:3.11

stages:
  - test

variables:
  GIT_DEPTH: 0
  UV_CACHE_DIR: $CI_PROJECT_DIR/.cache/uv

default:
  interruptible: true
  cache:
    - key:
        prefix: uv
        files:
          - requirements.txt
      paths:
        - .cache/uv
"""
# What affects no component or template may have tests of its own.
TESTS_OF = {
    "README.md": ("tests/test_readme.py",),
    "CONTRIBUTING.md": ("tests/test_contributing.py",),
    "benchmarks/": ("tests/test_benchmarks.py",),
    "docs/": ("tests/test_docs_guides.py", "tests/test_docs_site.py"),
    "templates/": ("tests/test_contributing.py",),  # the scaffolds of components and templates
}
# What the tests of the whole need besides Python; without it they are skipped.
INSTALL = (
    "which chromium rsync > /dev/null || "
    "(apt-get update -qq && apt-get install -qq --yes --no-install-recommends chromium rsync > /dev/null)"
)
SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)?", re.IGNORECASE)

Jobs = dict[str, list[str]]  # the name of each job, and the lines it runs


def ci_plan(
    *,
    base: str | None = None,
    output: Path = Path("child-pipeline.yml"),
    most_jobs: Annotated[int, Parameter(validator=Number(gte=4))] = 100,
    root: RootOption = None,
) -> int:
    """Write the child pipeline that tests what a change can break.

    One job for each component that `catalog affected` names, in an environment with nothing but what it declares
    (`make alone NAMES=...`); one for each template (`make test ARGS=...`); the tests of the whole when anything can be
    affected. Every line of a job runs by hand, too. Where that would be more jobs than --most-jobs, each job takes
    several names, tests them all, and fails if one of them failed. Where nothing is affected, one job says so, since
    GitLab takes an empty pipeline for an error.

    For example:

        catalog ci-plan
        catalog ci-plan --base HEAD~1 --output child-pipeline.yml
        catalog ci-plan --base none                               # no such commit: everything

    Parameters
    ----------
    base
        The branch, tag or commit to compare with; origin/main (or main) when it is not given.
    output
        The file to write; a relative one is taken from the repository's root.
    most_jobs
        The most jobs there may be, 4 or more.
    """
    catalog = Catalog(root)
    found = find_affected(catalog, base)
    jobs = plan_jobs(catalog, found, most_jobs)
    try:
        write_whole(catalog.root / output, as_yaml(jobs, _summary(found)))
    except OSError as error:
        raise CatalogError(
            f"{catalog.root / output} cannot be written ({error.strerror}); give another --output."
        ) from None
    print(f"{_summary(found)}\n{len(jobs)} job{'s' * (len(jobs) != 1)}: {output}")
    return 0


def plan_jobs(catalog: Catalog, found: Affected, most_jobs: int) -> Jobs:
    """Return what is to run, never nothing and never more than so many jobs."""
    names = [entry["path"].rsplit("/", 1)[1] for entry in found.components.values()]
    templates = list(found.templates)
    for name in names + templates:
        if not SAFE_NAME.fullmatch(name):
            raise CatalogError(f"{name!r} cannot name a job: rename its folder to letters, digits and hyphens.")
    jobs = _jobs_of_the_whole(catalog) if found.everything else _jobs_of_ignored(catalog, found.ignored)
    room = most_jobs - len(jobs)
    groups = _groups(templates, max(room // 4, room - len(names)))
    jobs |= _named("template", groups, _test_templates)
    jobs |= _named("component", _groups(names, room - len(groups)), _test_components)
    return jobs or {"nothing affected": ["echo 'The change affects no component and no template.'"]}


def as_yaml(jobs: Jobs, comment: str) -> str:
    """Write the pipeline as people would; the same jobs always give the same text."""
    lines = [f"# Written by `catalog ci-plan`. {comment}", HEAD]
    for name, script in jobs.items():
        lines += [f"{_scalar(name)}:", "  stage: test", "  script:", *(f"    - {_scalar(line)}" for line in script), ""]
    return "\n".join(lines)


def _jobs_of_the_whole(catalog: Catalog) -> Jobs:
    """Style, the tool's own tests, and the tests of the whole, less those that the templates' jobs run."""
    of_templates = " or ".join(sorted({f"{template.problem}/" for template in catalog.templates}))
    tests = f'tests -k "not ({of_templates} or _template.py)"' if of_templates else "tests"
    return {"the whole": [INSTALL, "make lint", _make("test", ARGS="scripts/tests"), _make("test", ARGS=tests)]}


def _jobs_of_ignored(catalog: Catalog, ignored: list[str]) -> Jobs:
    """The tests of guides, scaffolds and benchmarks, where those have changed."""
    changed = [start for start in TESTS_OF if any(name.startswith(start) for name in ignored)]
    files = {file for start in changed for file in TESTS_OF[start]}
    there = sorted(file for file in files if (catalog.root / file).is_file())
    return {"guides and benchmarks": [INSTALL, _make("test", ARGS=" ".join(there))]} if there else {}


def _test_components(names: list[str]) -> list[str]:
    keep_going = "--keep-going " if len(names) > 1 else ""
    return [_make(f"{keep_going}alone", NAMES=" ".join(names))]


def _test_templates(names: list[str]) -> list[str]:
    """Tests of a template carry its name, or stand in a file called after its technique."""
    files = (f"test_{name.rsplit('/', 1)[-1].replace('-', '_')}_template.py" for name in names)
    words = " or ".join(word for pair in zip(names, files, strict=True) for word in pair)
    return [_make("test", ARGS=f'tests -k "{words}"')]


def _groups(names: list[str], most: int) -> list[list[str]]:
    """Deal the names out like cards, so that neighbours, which often take equally long, go to different groups."""
    n_groups = min(len(names), max(1, most))
    return [names[start::n_groups] for start in range(n_groups)]


def _named(kind: str, groups: list[list[str]], script: Callable[[list[str]], list[str]]) -> Jobs:
    """Call each job after what it tests, or, where it tests several, number them as GitLab folds them together."""
    if all(len(group) == 1 for group in groups):
        return {f"{kind} {group[0]}": script(group) for group in groups}
    return {f"{kind}s {number}/{len(groups)}": script(group) for number, group in enumerate(groups, 1)}


def _make(target: str, **variables: str) -> str:
    return " ".join(["make", target, *(f"{name}={shlex.quote(value)}" for name, value in variables.items())])


def _scalar(text: str) -> str:
    """Plain where YAML cannot take the text for anything else; JSON, which is YAML, otherwise."""
    plain = text.isprintable() and re.fullmatch(r"[a-z]+ [^:#]*[^:#\s]", text)
    return text if plain else json.dumps(text)


def _summary(found: Affected) -> str:
    counts = {"component": len(found.components), "template": len(found.templates)}
    shown = ", ".join(f"{count} {kind}{'s' * (count != 1)}" for kind, count in counts.items())
    return f"Everything ({shown}), because {found.reason}." if found.everything else f"Affected: {shown}."
