// A line of comment.
export const fine = 1;
export const broken = ;
