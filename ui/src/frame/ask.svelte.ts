/** Asks for one line of text, or for a yes; answers when the dialog closes. */

export interface Question { title: string; text?: string; label?: string; value?: string; yes: string; danger?: boolean }

class Asking {
  question = $state.raw<Question | null>(null);
  #answer: ((value: string | null) => void) | null = null;

  ask(question: Question): Promise<string | null> {
    this.#answer?.(null);
    this.question = question;
    return new Promise((resolve) => { this.#answer = resolve });
  }
  done(value: string | null): void {
    this.question = null;
    this.#answer?.(value);
    this.#answer = null;
  }
}

export const asking = new Asking();

/** The text that was entered, or null if the person left. */
export const ask = (question: Question): Promise<string | null> => asking.ask(question);

/** Whether the person said yes. */
export const sure = async (question: Question): Promise<boolean> => (await asking.ask(question)) !== null;
