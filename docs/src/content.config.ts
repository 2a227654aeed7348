import { docsLoader, i18nLoader } from '@astrojs/starlight/loaders';
import { docsSchema, i18nSchema } from '@astrojs/starlight/schema';
import { defineCollection } from 'astro:content';
import { z } from 'astro/zod';

/** What `catalog docs` tells of a component or a template. */
const catalog = z.object({
	title: z.string(),
	kind: z.string(),
	problem: z.string(),
	category: z.string().optional(),
	tags: z.array(z.string()),
	version: z.string().optional(),
	package: z.string().optional(),
	path: z.string(),
	source: z.string().optional(),
});

export const collections = {
	docs: defineCollection({
		loader: docsLoader(),
		schema: docsSchema({ extend: z.object({ catalog: catalog.optional() }) }),
	}),
	i18n: defineCollection({
		loader: i18nLoader(),
		schema: i18nSchema({ extend: z.record(z.string(), z.string()) as never }),
	}),
};
