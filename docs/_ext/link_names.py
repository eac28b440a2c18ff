"""Links every `name` of the public interface that stands in a text to the page that documents it."""

import re

import convx
from docutils import nodes
from public_names import MODULES, NAMES, full_name
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

WHERE = ("functions", "howto/", "tutorial/", "explanation/", "reference/")


class LinkNames(SphinxTransform):
    """Before references are resolved: a name on its own, `conv2d` or `convx.conv2d`, becomes one."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        """Wrap what is a name and is neither a heading nor part of a link."""
        docname = self.env.docname
        if not docname.startswith(WHERE) or docname.startswith("reference/api/convx"):
            return
        for literal in list(self.document.findall(nodes.literal)):
            if isinstance(literal.parent, nodes.title | nodes.reference | addnodes.pending_xref):
                continue
            found = self.named(re.sub(r"^convx\.|\(\)$", "", literal.astext()), docname)
            if found:
                literal.replace_self(self.reference(literal, found))

    def named(self, name: str, docname: str) -> str | None:
        """The full name; of filters that other pages may mean as SciPy's, in the reference alone."""
        of_reference = docname.startswith(("functions", "reference/"))
        return full_name(name, MODULES if of_reference else (convx, convx.onnx))

    def reference(self, literal: nodes.literal, name: str) -> addnodes.pending_xref:
        kind = "class" if isinstance(NAMES[name], type) else "func"
        target = addnodes.pending_xref(
            "",
            refdomain="py",
            reftype=kind,
            reftarget=name,
            refdoc=self.env.docname,
            refexplicit=True,
            refwarn=True,
        )
        target += literal.deepcopy()
        return target


def of_convx(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, text: nodes.Element
) -> nodes.Element | None:
    """Resolve what a docstring of a sub-module says of a function of convx itself."""
    full = f"convx.{node.get('reftarget')}"
    if node.get("refdomain") != "py" or full not in NAMES:
        return None
    return env.get_domain("py").resolve_xref(env, node["refdoc"], app.builder, "obj", full, node, text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Before references are resolved, and for those that are not."""
    app.add_transform(LinkNames)
    app.connect("missing-reference", of_convx)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
