/** Cards of the 82599's tests whose first ring pair interrupts: by the pin, or by messages. */
import { REG } from "../../../devices/ixgbe/registers.ts";
import { Card } from "./card.ts";

/** The pin: queue 0 receives to bit 0 and sends to bit 1. */
export function withPin(): Card {
  const card = Card.ready();
  card.write(REG.ivar, 0x8180);
  card.write(REG.eims, 3);
  return card;
}

/** Messages: queue 0 receives to vector 1 and sends to vector 2, other causes go to vector 3. */
export function withMessages(gpie = 0x10): Card {
  const card = Card.ready();
  card.model.messageControl.configure(true, false);
  const table = card.model.window(4);
  for (let vector = 0; vector < 64; vector++) table?.write32(16 * vector + 12, 0);
  card.write(REG.gpie, gpie);
  card.write(REG.ivar, 0x8281);
  card.write(REG.ivarMisc, 0x8300);
  card.write(REG.eimsEx, 0xffff_ffff);
  card.write(REG.eims, 0x7fff_0000);
  return card;
}
