/** @jsxRuntime classic */
/** @jsx h */
import { h } from "./h.js";

export const Isle = ({ name }) => <li>{name}</li>;
