await scheduler.wait(1);

export const value = "waited";
