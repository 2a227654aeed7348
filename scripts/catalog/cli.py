"""The `catalog` command: names the subcommands, loads each one only when it is called."""

import sys

from cyclopts import App, CycloptsError, Parameter

from catalog.model import CatalogError

app = App(
    name="catalog",
    help="The catalog's own tool. It works from any folder of the repository; "
    "`catalog COMMAND --help` teaches each command with an example.",
    help_format="plaintext",
    version_flags=[],
    default_parameter=Parameter(negative=()),
    print_error=False,
    exit_on_error=False,
    result_action="return_value",
)
COMMANDS = {
    "list": ("catalog.listing:list_catalog", "Show what is in the catalog."),
    "search": ("catalog.finding:search", "Find components and templates by words."),
    "info": ("catalog.finding:info", "Show all about a component or a template."),
    "check": ("catalog.checking:check", "Hold components to the rules of the house."),
    "build": ("catalog.building:build", "Build wheels of what has changed into dist/wheels."),
    "index": ("catalog.indexing:index", "Publish the wheels into a static index, dist/index."),
    "publish": ("catalog.publishing:publish", "Bring the package index up to the state of the repository."),
    "serve": ("catalog.serving:serve", "Serve the private package index of a team."),
    "pin": ("catalog.pinning:pin", "Pin what the templates' projects need."),
    "docs": ("catalog.documenting:docs", "Collect the pages of the documentation site."),
    "bake": ("catalog.baking:bake", "Make a project from a template in place, to try and to edit it."),
    "carry-back": ("catalog.carrying:carry_back", "Bring the edits of a baked project back to its template."),
    "update": ("catalog.updating:update", "Take over in a generated project what changed in its template."),
    "affected": ("catalog.affected:affected", "Tell what a change can break."),
    "ci-plan": ("catalog.ci_plan:ci_plan", "Write the child pipeline that tests what a change can break."),
}
for name, (function, summary) in COMMANDS.items():
    # The summary saves loading all the commands for `catalog --help`; the help of one command is its docstring.
    called = name in sys.argv[1:2]
    app.command(function, name=name, **({} if called else {"help": summary}))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: status 0 when all is well, 1 for problems found, 2 for a wrong call."""
    try:
        sys.exit(app(arguments))
    except (CatalogError, CycloptsError) as error:
        print(f"catalog: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # `catalog list | head` is fine
        sys.stderr.close()
    except KeyboardInterrupt:
        print("catalog: interrupted", file=sys.stderr)
        sys.exit(130)
