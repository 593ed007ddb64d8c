// What follows from an answer being visible: its story, its books, its place in the journal. Where
// many answers change in one moment, all of them are visible before the first of these begins.

/** Things to be done behind what is visible. */
export class Aftermath {
  #waiting: (() => void)[] | undefined;

  /** Does `task` now; inside `together`, at its end and in the order given. */
  after(task: () => void): void {
    if (this.#waiting === undefined) task();
    else this.#waiting.push(task);
  }

  /**
   * Does `work`, which makes answers visible, and then what follows from all of them: also where it
   * fails, from those that are visible by then, and where one of the tasks does.
   *
   * @throws the first of what they threw, when all of them are done.
   */
  together(work: () => void): void {
    if (this.#waiting !== undefined) {
      work();
      return;
    }
    const tasks: (() => void)[] = [];
    this.#waiting = tasks;
    const failures: unknown[] = [];
    attempt(work, failures);
    this.#waiting = undefined;
    for (const task of tasks) attempt(task, failures);
    if (failures.length > 0) throw failures[0];
  }
}

function attempt(work: () => void, failures: unknown[]): void {
  try {
    work();
  } catch (error) {
    failures.push(error);
  }
}
