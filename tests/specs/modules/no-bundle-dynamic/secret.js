export default "outside of the main module's folder";
