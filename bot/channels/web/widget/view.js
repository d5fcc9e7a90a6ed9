/** Builds the chat's view from its parts. */

/** @import { ChatApi } from './chat_api.js' */
/** @import { AnswerRatingIn, Configuration } from './api.js' */
/** @import { Translate } from './wording.js' */
/** @import { Said } from './message_log.js' */
/** @import { Store } from './store.js' */

import { Attachments } from './attachments.js';
import { Composer } from './composer.js';
import { h } from './elements.js';
import { Launcher } from './launcher.js';
import { forgetPress, located } from './location.js';
import { MessageLog } from './message_log.js';
import { Notices } from './notices.js';
import { NOTIFY_BUTTON, Notifier } from './notifier.js';
import { isElsewhere } from './page.js';
import { Panel } from './panel.js';
import { Presence } from './presence.js';
import { Scroller } from './scroller.js';
import { Survey } from './survey.js';
import { TranscriptExport } from './transcript_export.js';
import { Times, labels } from './wording.js';

/**
 * The callbacks for the citizen's actions.
 * @typedef {object} Acts
 * @property {() => void} onOpen
 * @property {() => void} onClose
 * @property {() => void} onRestart
 * @property {(said: Said) => void} onSend
 * @property {() => void} onType
 * @property {() => void} onQuick
 * @property {(id: string) => void} onRetry
 * @property {(id: string) => void} onDiscard
 */

/**
 * @typedef {object} View
 * @property {HTMLElement} root
 * @property {Translate} t
 * @property {Launcher} launcher
 * @property {Panel} panel
 * @property {MessageLog} log
 * @property {Scroller} scroller
 * @property {Composer} composer
 * @property {Attachments} attachments
 * @property {Presence} presence
 * @property {Notices} notices
 * @property {Notifier} notifier
 * @property {(place: number) => void} showPlace Shows the position of a waiting citizen.
 * @property {() => void} leaveQueue
 * @property {() => void} abandon Drops what the citizen began in a conversation that is over.
 * @property {Survey} survey
 * @property {TranscriptExport} transcript
 */

/**
 * @param {Configuration} config
 * @param {DOMStringMap} options Attributes of the tag.
 * @param {{ api: ChatApi, url: string, store: Store, acts: Acts }} means
 * @returns {View}
 */
export function buildView(config, options, { api, url, store, acts }) {
  const t = labels(config);
  const wording = { t, times: new Times(config, t), assistant: config.assistant };
  const focus = () => composer.focus();
  const notifier = new Notifier(t, store);
  const choose = async (/** @type {Said} */ said) => {
    if ('button' in said && said.button === NOTIFY_BUTTON) notifier.ask((text) => panel.mention(text));
    await located(said, acts.onSend, (searching) => panel.mention(searching ? t('ubicacion_buscando') : ''));
    if (!isElsewhere(panel.element)) focus();
  };
  const useful = { rate: (/** @type {AnswerRatingIn} */ rating) => api.judge(rating), askPerson: acts.onQuick };
  const log = new MessageLog(wording, { onChoose: choose, onRetry: acts.onRetry, onDiscard: acts.onDiscard, useful });
  const presence = new Presence(t);
  const scroller = new Scroller(t('abajo'), [log.element, presence.typing]);
  const attachments = new Attachments(t, config.files.accept, { api, log, toEnd: () => scroller.toEnd(), focus });
  const notices = new Notices(url, t('avisos')), beside = [attachments.chooser, attachments.clip];
  const composer = new Composer(t, config, { beside, onSubmit: (text) => acts.onSend({ text }), onType: () => { notices.fold(); acts.onType(); }, onQuick: acts.onQuick });
  const panel = new Panel(t, config, { onClose: acts.onClose, onRestart: acts.onRestart, focus }, 'shared' in options);
  composer.row.prepend(presence.queue);
  panel.element.append(notices.element, scroller.element, scroller.jump, panel.question.element, attachments.preview.element, composer.element);
  const launcher = new Launcher(t, { title: options.title || t('boton'), store, onOpen: acts.onOpen });
  const side = options.position === 'left' ? ' left' : '';
  return {
    root: h('div', { class: 'root' + side, lang: config.language }, launcher.button, panel.element),
    t, launcher, panel, log, scroller, composer, attachments, presence, notices, notifier,
    showPlace: (place) => {
      /* a citizen in an emergency sees no position */
      presence.isEmergency = false;
      presence.showPosition(place, scroller);
      launcher.showPlace(place);
    },
    leaveQueue: () => {
      presence.queue.hidden = true;
      presence.isEmergency = false;
      launcher.showPlace(0);
    },
    abandon: () => { attachments.clear(); forgetPress(); },
    survey: new Survey(t, { api, scroller, focus, isOpen: () => panel.isOpen }),
    transcript: new TranscriptExport(wording, panel.save),
  };
}
