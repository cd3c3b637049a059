/** Style sheets are imported for their effect, and as modules for their class names; the bundler does the rest. */
declare module "*.module.css" {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
declare module "*.css";
