declare module "*/room.html" {
  const text: string;
  export default text;
}
