"""ONDE, the State's register of pupils: reads the two files that the head teacher exports, and imports them.

`lecture` gives plain values and `rapprochement` says who is who; `eleves`, with `places`, and `adultes` write, by what
ONDE last said (`memoire`); `importation` holds the transaction, `bilan` tells the secretary and asks her; `depots` are
the imports of her screen.
"""
