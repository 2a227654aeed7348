import { existsSync } from 'node:fs';
import { satteri } from '@astrojs/markdown-satteri';
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
import { checkLinks } from './src/plugins/check-links.mjs';
import { diagrams } from './src/plugins/diagrams.mjs';
import { basePath } from './src/plugins/base-path.mjs';

// Where the site is served: DOCS_SITE=https://pages.example.org DOCS_BASE=/stac/ make docs
const base = `/${(process.env.DOCS_BASE ?? '').replace(/^\/+|\/+$/g, '')}/`.replace('//', '/');

// A line of the menu; a guide that is not written yet has none.
const guide = (slug, label, es) =>
	['md', 'mdx'].some((type) => existsSync(new URL(`./src/content/docs/${slug}.${type}`, import.meta.url)))
		? [{ label, translations: { es }, slug }]
		: [];

export default defineConfig({
	base,
	site: process.env.DOCS_SITE,
	outDir: process.env.DOCS_OUT ?? './dist',
	cacheDir: './.astro/cache',
	trailingSlash: 'always',
	markdown: { processor: satteri({ mdastPlugins: [diagrams()], hastPlugins: [basePath(base)] }) },
	integrations: [
		starlight({
			title: 'STAC',
			description: 'Simple AI Components: small components and project templates for AI on time series.',
			logo: { src: './src/assets/logo.svg', alt: '' },
			favicon: '/favicon.svg',
			defaultLocale: 'root',
			locales: { root: { label: 'English', lang: 'en' }, es: { label: 'Español', lang: 'es' } },
			customCss: ['./src/styles/site.css'],
			components: { PageTitle: './src/components/PageTitle.astro' },
			routeMiddleware: './src/route.ts',
			expressiveCode: {
				themes: ['github-dark-default', 'github-light-default'],
				defaultProps: { frame: 'none' },
				shiki: { engine: 'javascript' },
				styleOverrides: { borderRadius: '0.5rem', borderColor: 'var(--sl-color-hairline-light)', frames: { frameBoxShadowCssValue: 'none' } },
			},
			lastUpdated: false,
			sidebar: [
				...guide('introduction', 'Introduction', 'Introducción'),
				...guide('installation', 'Installation', 'Instalación'),
				...guide('components-and-templates', 'Components and templates', 'Componentes y plantillas'),
				...guide('clearml', 'Experiments with ClearML', 'Experimentos con ClearML'),
				{ label: 'Catalog', translations: { es: 'Catálogo' }, slug: 'catalog' },
				{
					label: 'Tutorials',
					translations: { es: 'Tutoriales' },
					items: [{ autogenerate: { directory: 'tutorials' } }],
				},
				{
					label: 'Taking part',
					translations: { es: 'Participar' },
					items: [
						...guide('contributing', 'Contributing', 'Contribuir'),
						...guide('publishing', 'Publishing', 'Publicar'),
						...guide('rules', 'Rules of the house', 'Reglas de la casa'),
						...guide('architecture', 'Architecture', 'Arquitectura'),
					],
				},
			],
		}),
		checkLinks(base),
	],
});
