/** The builder takes styles in by their name; they give nothing. */
declare module '*.css';
