// Draws `mermaid` code blocks at build time, as SVG in the colours of the page: no script, no fonts from elsewhere.
import { renderMermaidSVG } from 'beautiful-mermaid';

const COLUMN = 820; // pixels: a drawing that is wider is drawn from top to bottom instead
const COLOURS = {
	bg: 'var(--sl-color-bg)',
	fg: 'var(--sl-color-white)',
	line: 'var(--sl-color-gray-3)',
	accent: 'var(--sl-color-text-accent)',
	muted: 'var(--sl-color-gray-2)',
	surface: 'var(--sl-color-gray-6)',
	border: 'var(--sl-color-gray-4)',
};

export function diagrams() {
	return {
		name: 'diagrams',
		code(node, ctx) {
			if (node.lang !== 'mermaid') return;
			const svg = draw(node.value);
			const label = `Diagram: ${labels(node.value).join(', ')}`;
			const html = `<figure class="diagram not-content" role="img" aria-label="${escape(label)}">${svg}</figure>`;
			ctx.replaceNode(node, { type: 'html', value: html });
		},
	};
}

function draw(text) {
	const wide = render(text);
	if (wide.width <= COLUMN) return wide.svg;
	const high = render(text.replace(/^(\s*(?:flowchart|graph)\s+)LR/, '$1TD'));
	return (high.width < wide.width ? high : wide).svg;
}

function render(text) {
	const svg = renderMermaidSVG(text, { ...COLOURS, transparent: true, padding: 4, nodeSpacing: 20, layerSpacing: 36 })
		.replace(/@import url\([^)]*\);/g, '')
		.replace(/font-family: [^;]*;/g, '')
		// The style sheet in the drawing would apply to the whole page.
		.replace(/\n {2}(text|svg|\.[a-z-]+) \{/g, '\n  .diagram $1 {');
	return { svg: svg.replace(/\n\s*/g, ' '), width: Number(svg.match(/width="([\d.]+)"/)[1]) };
}

// The words in it, for those who do not see it.
const labels = (text) => [...text.matchAll(/[[({|]+"?([^"\])}|]+)"?[\])}|]+/g)].map(([, label]) => label.replace(/<br ?\/?>/g, ' '));

const escape = (text) => text.replace(/&(?!\w+;)/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
