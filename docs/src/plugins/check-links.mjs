// After the build: every link leads to a page, an anchor or a file of the site, and nothing is fetched from elsewhere.
// Alone, on a built site: node src/plugins/check-links.mjs FOLDER [BASE]
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const TAG = /<[a-z][^\s>]*(?:\s(?:"[^"]*"|'[^']*'|[^'">])*)?>/g;
const ATTRIBUTE = /\s(href|src|srcset|id|rel|poster)=(?:"([^"]*)"|'([^']*)'|([^\s>]+))/g;

export function checkLinks(base) {
	return {
		name: 'check-links',
		hooks: {
			'astro:build:done': ({ dir, logger }) => {
				const problems = findProblems(fileURLToPath(dir), base);
				if (problems.length) throw new Error(`${problems.length} problems in the built pages:\n${problems.slice(0, 50).join('\n')}`);
				logger.info('all links lead somewhere');
			},
		},
	};
}

/** One line for each link that leads nowhere, and for each thing that would be fetched from another host. */
export function findProblems(folder, base = '/') {
	const files = new Set(filesOf(folder));
	const pages = new Map([...files].filter((file) => file.endsWith('.html')).map((file) => [file, readPage(join(folder, file))]));
	const problems = new Set();
	for (const [file, page] of pages) {
		// A Markdown file that cannot be rendered is a line in the log and an empty page, no failure of the build.
		if (page.isEmpty) problems.add(`${file}: has no text`);
		for (const fetched of page.fetched) {
			if (/^(?:https?:)?\/\//.test(fetched)) problems.add(`${file}: fetches ${fetched}`);
		}
		for (const link of [...page.links, ...page.fetched]) {
			if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) continue;
			const { pathname, hash } = new URL(link, `http://site${base}${file.replace(/index\.html$/, '')}`);
			const target = targetFile(pathname, base);
			if (!target || !files.has(target)) problems.add(`${file}: ${link} leads nowhere`);
			else if (hash && pages.has(target) && !pages.get(target).ids.has(decodeURIComponent(hash.slice(1))))
				problems.add(`${file}: ${link} has no such anchor`);
		}
	}
	for (const file of files) {
		if (!file.endsWith('.css')) continue;
		const foreign = readFileSync(join(folder, file), 'utf8').match(/(?:url\(|@import)\s*["']?https?:[^"')\s]*/);
		if (foreign) problems.add(`${file}: fetches ${foreign[0]}`);
	}
	return [...problems];
}

function filesOf(folder) {
	return readdirSync(folder, { recursive: true })
		.filter((name) => statSync(join(folder, name)).isFile())
		.map((name) => name.split(sep).join('/'));
}

function readPage(file) {
	const page = { links: new Set(), fetched: new Set(), ids: new Set(['', '_top']) };
	const text = readFileSync(file, 'utf8');
	page.isEmpty = /<div class="sl-markdown-content">\s*<\/div>/.test(text) && !text.includes('data-has-hero');
	const html = text.replace(/<script(?![^>]*\bsrc=)[^>]*>[\s\S]*?<\/script>/g, '');
	for (const [tag] of html.matchAll(TAG)) {
		const found = Object.fromEntries([...tag.matchAll(ATTRIBUTE)].map(([, name, a, b, c]) => [name, (a ?? b ?? c).replaceAll('&amp;', '&').replaceAll('&#38;', '&')]));
		if (found.id) page.ids.add(found.id);
		if (tag.startsWith('<a ') && found.href) page.links.add(found.href);
		// What a page only refers to (its address, its translations) is not fetched.
		else if (found.href && !/canonical|alternate|sitemap/.test(found.rel ?? '')) page.fetched.add(found.href);
		for (const name of ['src', 'poster']) if (found[name]) page.fetched.add(found[name]);
		for (const part of found.srcset?.split(',') ?? []) page.fetched.add(part.trim().split(/\s/)[0]);
		if (/url\(["']?https?:/.test(tag)) page.fetched.add(tag.match(/https?:[^"')]*/)[0]);
	}
	for (const [, address] of html.matchAll(/@import\s+(?:url\()?["']?(https?:[^"')\s]*)/g)) page.fetched.add(address);
	return page;
}

function targetFile(pathname, base) {
	if (!`${pathname}/`.startsWith(base)) return;
	const path = decodeURIComponent(pathname.slice(base.length));
	return path === '' || path.endsWith('/') ? `${path}index.html` : path;
}

if (process.argv[1] && relative(process.argv[1], fileURLToPath(import.meta.url)) === '') {
	const problems = findProblems(process.argv[2], process.argv[3]);
	console.log(problems.join('\n') || 'all links lead somewhere');
	process.exitCode = problems.length ? 1 : 0;
}
