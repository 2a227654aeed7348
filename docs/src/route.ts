// What every page's route data gets: links and a picture of the hero, and in the menu of a component or a
// template its neighbours. The whole catalog in the menu of each of 1,000 pages would be a million links.
import { defineRouteMiddleware } from '@astrojs/starlight/route-data';
import picture from './assets/hero.svg';
import cards from './collected.json';
import { withBase } from './plugins/base-path.mjs';
import { wordsOf } from './words';

const LIMIT = 40; // neighbours

export const onRequest = defineRouteMiddleware((context) => {
	const route = context.locals.starlightRoute;
	const base = import.meta.env.BASE_URL;
	const hero = route.entry.data.hero;
	for (const action of hero?.actions ?? []) action.link = withBase(base, action.link);
	if (hero && !hero.image) hero.image = { file: picture, alt: '' } as never;
	const one = route.entry.data.catalog;
	if (!one) return;
	const t = context.locals.t as unknown as (key: string) => string;
	const home = base + (route.locale ? `${route.locale}/` : '');
	const neighbours = cards
		.filter((card) => card.problem === one.problem && card.kind === 'template' === (one.kind === 'template'))
		.filter((card) => card.category === one.category);
	const here = neighbours.findIndex((card) => card.path === one.path);
	const start = Math.max(0, Math.min(here - LIMIT / 2, neighbours.length - LIMIT));
	const query = new URLSearchParams({ problem: one.problem, ...(one.category ? { category: one.category } : { kind: 'template' }) });
	const link = (label: string, href: string, isCurrent = false) =>
		({ type: 'link', label, href, isCurrent, badge: undefined, attrs: {} }) as const;
	const group = {
		type: 'group',
		label: [wordsOf(t, 'problem', one.problem), one.category ? wordsOf(t, 'category', one.category) : t('catalog.templates')].join(' · '),
		collapsed: false,
		badge: undefined,
		entries: [
			...neighbours.slice(start, start + LIMIT).map((card) => link(card.title, `${home}${card.page}/`, card.path === one.path)),
			...(neighbours.length > LIMIT ? [link(t('catalog.all').replace('{n}', String(neighbours.length)), `${home}catalog/?${query}`)] : []),
		],
	} as const;
	const place = route.sidebar.findIndex((entry) => entry.type === 'link' && entry.href.endsWith('/catalog/'));
	route.sidebar.splice(place + 1, 0, group as never);
});
