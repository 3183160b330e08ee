/** What draws charts, in a file of its own that is fetched with the first of them. */
export { default } from 'uplot';
