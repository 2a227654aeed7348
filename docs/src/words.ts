/** The words people read for a problem, a category or a kind: translated where the site knows them, else as they are. */
export function wordsOf(t: (key: string) => string, facet: string, value: string): string {
	const key = `${facet}.${value}`;
	const words = t(key);
	return words && words !== key ? words : value.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());
}
