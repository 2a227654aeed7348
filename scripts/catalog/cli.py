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
app.command("catalog.listing:list_catalog", name="list", help="Show what is in the catalog.")
app.command("catalog.checking:check", name="check", help="Hold components to the rules of the house.")
app.command("catalog.building:build", name="build", help="Build wheels of what has changed into dist/wheels.")
app.command("catalog.indexing:index", name="index", help="Publish the wheels into a static index, dist/index.")
app.command("catalog.pinning:pin", name="pin", help="Pin what the templates' projects need.")
app.command("catalog.affected:affected", name="affected", help="Tell what a change can break.")


def main() -> None:
    """Run the command line: status 0 when all is well, 1 for problems found, 2 for a wrong call."""
    try:
        sys.exit(app())
    except (CatalogError, CycloptsError) as error:
        print(f"catalog: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # `catalog list | head` is fine
        sys.stderr.close()
    except KeyboardInterrupt:
        print("catalog: interrupted", file=sys.stderr)
        sys.exit(130)
