declare module "*/editor.html" {
  const text: string;
  export default text;
}
