export default "north";
