/** Family `lead`: a form that only wants a telephone number, so that a "manager" can call. */
import type { Form } from '../../domain/page.ts';
import { cut, part, type SignalKind } from './facts.ts';

const toward = { investment_fraud: 1 };

function asksOnlyForContact(form: Form): boolean {
  const seen = form.fields.filter(
    (field) => field.type !== 'hidden' && field.type !== 'checkbox' && field.type !== 'submit',
  );
  if (seen.length < 2 || seen.length > 5 || seen.some((field) => field.type === 'password')) return false;
  const words = seen.map((field) => `${field.name} ${field.type} ${field.label}`.toLowerCase());
  return (
    words.some((it) => /tel|phone|телефон/.test(it)) && words.some((it) => /name|имя|аты|fio|фио/.test(it))
  );
}

const OFFER = ['yield', 'lead.start_earning', 'lead.quiz', 'urgency.celebrity'];

const contactForm: SignalKind = {
  id: 'lead.contact_form',
  family: 'lead',
  criterion: 'KZ-ARRFR-3',
  weight: 1.0,
  toward,
  see({ page, found }) {
    const form = page.forms.find(asksOnlyForContact);
    if (form === undefined) return null;
    const offers = [...found.byEntry].filter(
      ([id, findings]) =>
        OFFER.some((offer) => id.startsWith(offer)) && findings.some((finding) => finding.frame > 0.5),
    ).length;
    // A form for a call back is on every shop's site; beside a promise of income it is the trap.
    return part(
      offers === 0 ? 0.1 : 0.4 + 0.2 * offers,
      form.fields.map((field) => field.label || field.name).join(', '),
    );
  },
};

const phoneWidget: SignalKind = {
  id: 'lead.phone_widget',
  family: 'lead',
  criterion: 'none',
  weight: 0.5,
  toward,
  see({ source }) {
    const found = /intl-?tel-?input|intltelinput|iti__flag/.exec(source);
    return found === null ? null : part(0.8, cut(found[0]));
  },
};

const quiz: SignalKind = {
  id: 'lead.quiz_code',
  family: 'lead',
  criterion: 'KZ-ARRFR-3',
  weight: 0.8,
  toward,
  see({ source }) {
    const found = new Set(
      source.match(
        /class="[^"]{0,30}(?:quiz|survey)[^"]{0,20}"|quiz[-_](?:step|question|answer|btn|item)|question[-_]\d/g,
      ) ?? [],
    );
    return found.size === 0 ? null : part(0.3 + 0.2 * found.size, cut([...found].join(', ')));
  },
};

export const leadSignals: readonly SignalKind[] = [contactForm, phoneWidget, quiz];
