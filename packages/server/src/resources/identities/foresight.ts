/** Whether something that happened at nearly every call lately will happen at the next. */

/** About so many calls are remembered. */
const memory = 64;
/** To be wrong costs about as much as to be right nine times saves. */
const likely = 0.9;

export interface Foresight {
  note(happened: boolean): void;
  isLikely(): boolean;
}

export function createForesight(): Foresight {
  let share = 0;
  return {
    note: (happened) => {
      share += (Number(happened) - share) / memory;
    },
    isLikely: () => share > likely,
  };
}
