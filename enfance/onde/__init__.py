"""ONDE, the State's register of pupils: reads the two files that the head teacher exports, and imports them.

`table` cuts a file into columns, `lecture` gives plain values, `rapprochement` says who is who (all pure); `eleves`,
`foyers` and `adultes` write, `importation` holds the transaction, `bilan` tells the secretary, to whom `questions` are
put; `depots` are the imports of her screen.
"""
