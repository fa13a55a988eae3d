export type Shape = [number, number];

export interface Isle {
  name: string;
  shape: Shape;
}

export const area = ([width, height]: Shape): number => width * height;
