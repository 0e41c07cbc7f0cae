import type { Place } from '../profiler/protocol.js';
import type { PanelContext } from './context.js';
import { element, link, setAttribute, setText } from './elements.js';
import { fullPlace, shortPlace } from './places.js';

/** A line of source that opens when it is pressed. */
export class PlaceLink {
  readonly root: HTMLElement;
  readonly #button: HTMLButtonElement;
  /** A narrow view leaves it out. */
  readonly #folder = element('span', { class: 'place-folder' });
  readonly #name = element('span');
  readonly #function = element('span', { class: 'note' });
  #place: Place | undefined;

  constructor(context: PanelContext) {
    this.#button = link('', () => {
      if (this.#place !== undefined) context.send({ type: 'openPlace', place: this.#place });
    });
    this.#button.classList.add('place');
    this.#button.append(this.#folder, this.#name);
    this.root = element('span', { class: 'place-line' }, this.#button, this.#function);
  }

  show(place: Place): void {
    this.#place = place;
    const text = shortPlace(place);
    const folder = text.slice(0, text.lastIndexOf('/') + 1);
    setText(this.#folder, folder);
    setText(this.#name, text.slice(folder.length));
    this.#button.disabled = place.file === '';
    setAttribute(this.#button, 'title', fullPlace(place));
    setText(this.#function, place.function === undefined ? '' : place.function);
  }
}
