/** The categories of the house, as the API stores them and as people read them. */
export const CATEGORIES = [
  { value: "watches", label: "Watches" },
  { value: "art", label: "Art" },
  { value: "jewelry", label: "Jewelry" },
  { value: "collectibles", label: "Collectibles" },
  { value: "furniture", label: "Furniture" },
  { value: "electronics", label: "Electronics" },
  { value: "home-kitchen", label: "Home & kitchen" },
];

export const CONDITIONS = ["new", "like new", "used", "restored", "for parts"];

/** The reader's word for a category; one that the house does not list is shown as it came. */
export function categoryLabel(value: string): string {
  return CATEGORIES.find((category) => category.value === value)?.label ?? value;
}
