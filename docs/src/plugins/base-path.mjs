// Authors link as if the site were at the root of its host; this puts the base path before such links.

const ATTRIBUTES = ['href', 'link', 'src'];

export const withBase = (base, link) =>
	base !== '/' && /^\/(?!\/)/.test(link) && !link.startsWith(base) ? base + link.slice(1) : link;

export function basePath(base) {
	const rewriteComponent = (node, ctx) => {
		for (const attribute of node.attributes) {
			if (!ATTRIBUTES.includes(attribute.name) || typeof attribute.value !== 'string') continue;
			const link = withBase(base, attribute.value);
			if (link !== attribute.value) {
				const attributes = node.attributes.map((each) => (each === attribute ? { ...each, value: link } : each));
				ctx.replaceNode(node, { ...node, attributes });
				return;
			}
		}
	};
	return {
		name: 'base-path',
		element: {
			filter: ['a', 'img'],
			visit(node, ctx) {
				for (const name of ATTRIBUTES) {
					const link = node.properties?.[name];
					if (typeof link === 'string') ctx.setProperty(node, name, withBase(base, link));
				}
			},
		},
		mdxJsxFlowElement: { filter: [], visit: rewriteComponent },
		mdxJsxTextElement: { filter: [], visit: rewriteComponent },
	};
}
